import '@endo/init';
import { runScenario } from './scenario.js';

console.log(JSON.stringify(await runScenario(process.argv[2])));
