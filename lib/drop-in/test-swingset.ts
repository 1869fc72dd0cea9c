/** Initializes a test's swingset. Bundles are shared by all swingsets of the process. */
import '../endo-environment/load.js';
export { initializeSwingset as initializeTestSwingset } from '../controller/initialize.js';
