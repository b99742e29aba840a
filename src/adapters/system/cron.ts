import { schedule } from 'node-cron';
import type { Log } from '../../ports.ts';

/**
 * Runs `work` at every full minute, one run at a time; what it throws is logged. Every minute, in UTC: what is due in which zone is for `work` to say, since
 * a schedule of node-cron skips a day whose time the clocks leave out (nodecron.com/timezones-and-dst). Gives what ends it.
 */
export const everyMinute = (name: string, work: () => Promise<void>, log: Log): (() => Promise<void>) => {
  const run = (): Promise<void> => work().catch((error: unknown) => log('warn', `${name} could not be looked after`, { error }));
  const task = schedule('* * * * *', run, { timezone: 'Etc/UTC', noOverlap: true, name });
  return async () => {
    await task.destroy();
  };
};
