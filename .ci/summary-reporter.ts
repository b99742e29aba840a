/** Says last what did not run, by name, and closes with one plain line of counts. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const suiteOf = (test: TestCase): string => (test.parent.type === 'suite' ? test.parent.fullName : test.module.moduleId);

/** A vitest reporter; vitest loads it by its default export. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const skipped = [...new Set(tests.filter((test) => test.result().state === 'skipped').map(suiteOf))].sort();
    const broken = modules.filter((module) => module.state() === 'failed' && [...module.children.allTests()].length === 0).length;
    for (const suite of skipped) process.stdout.write(`SKIPPED: ${suite}\n`);
    process.stdout.write(`skipped suites: ${skipped.length}\n`);
    process.stdout.write(`${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped\n`);
  }
}
