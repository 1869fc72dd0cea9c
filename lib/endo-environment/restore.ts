import { hidden } from './hide.js';

for (const [name, value] of hidden) process.env[name] = value;
