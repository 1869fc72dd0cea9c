export { buildCommand as default } from '../devices/command/command.js';
