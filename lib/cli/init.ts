/** `@endo/init` with a native base64. The order of these imports is the order of evaluation. */
import '../endo-environment/lend-base64.js';
import '@endo/init';
import '../endo-environment/take-back-base64.js';
import '../endo-environment/switch-off-promise-hooks.js';
