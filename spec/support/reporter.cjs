// Mocha's own report, and a last line that programs can read: `12 passed, 0 failed, 1 skipped`.
const { Spec } = require('mocha').reporters;

class ReporterWithCount extends Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    console.log(`${passes} passed, ${failures} failed${skipped}`);
  }
}

module.exports = ReporterWithCount;
