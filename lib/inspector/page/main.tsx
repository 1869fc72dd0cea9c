/** Entry point of the page. */
import { render } from 'preact';
import { App } from './app.js';
import { startPulse } from './live.js';
import { startRouter } from './router.js';

const place = document.getElementById('app');
if (place) {
  startRouter();
  startPulse();
  place.textContent = '';
  render(<App />, place);
}
