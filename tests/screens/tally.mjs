/** What went well and what did not, said as it happens. */
export class Tally {
  passed = 0;
  failed = 0;
  #began = performance.now();

  pass() {
    this.passed += 1;
  }

  fail(name, why) {
    this.failed += 1;
    console.log(`  FAILED ${name}`);
    for (const line of [why].flat()) console.log(`    ${String(line).replaceAll("\n", "\n    ")}`);
  }

  /** One thing looked at: no problems is a pass. */
  judge(name, problems) {
    if (problems.length === 0) this.pass();
    else this.fail(name, problems);
  }

  async story(name, deed) {
    const began = performance.now();
    try {
      const problems = (await deed()) ?? [];
      this.judge(name, problems);
      if (problems.length > 0) return false;
      console.log(`  ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
      return true;
    } catch (thrown) {
      const told = String(thrown?.stack ?? thrown).replace(/\u001b\[\d+m/g, "").split("\n");
      this.fail(name, told.slice(0, 16));
      return false;
    }
  }

  end() {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(0);
    console.log(`${this.passed} passed, ${this.failed} failed (${seconds} s)`);
    return this.failed === 0 ? 0 : 1;
  }
}
