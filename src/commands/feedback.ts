import type { Config } from '../config.ts';
import type { Feedback } from '../domain/audit.ts';
import type { Store } from '../ports.ts';
import { print } from './usage.ts';

/** How often the right edge was named, by the people who said so on resolution cards. */
type Precision = {
  /** Incidents that somebody judged. */
  readonly incidents: number;
  /** Of those, the ones that more people called right than wrong. */
  readonly right: number;
  /** Of those, as many for as against. */
  readonly disputed: number;
  /** right of what is not disputed, 0–1; null where that is nothing. */
  readonly precision: number | null;
};

/** Each person's last word on each incident counts once. */
export const precisionOf = (feedback: readonly Feedback[]): Precision => {
  const balance = new Map<string, number>();
  for (const { incidentId, isRight } of feedback) balance.set(incidentId, (balance.get(incidentId) ?? 0) + (isRight ? 1 : -1));
  const all = [...balance.values()];
  const [right, disputed] = [all.filter((sum) => sum > 0).length, all.filter((sum) => sum === 0).length];
  const settled = all.length - disputed;
  return { incidents: all.length, right, disputed, precision: settled === 0 ? null : right / settled };
};

const said = ({ incidents, right, disputed, precision }: Precision): string => {
  if (incidents === 0)
    return 'Nobody has judged an incident yet: resolution cards in Slack ask whether the right edge was named.';
  const share = precision === null ? '' : `: ${(100 * precision).toFixed(0)} %`;
  const unsettled = disputed === 0 ? '' : `; of ${disputed} more people disagree`;
  return `The right edge was named in ${right} of ${incidents - disputed} judged incidents${share}${unsettled}`;
};

/** `edgewise feedback`: what people said of the edges that were named, from the store. */
export const feedbackCommand = async (
  config: Config,
  open: (config: Config) => Promise<Pick<Store, 'feedback' | 'close'>>,
  { json = false }: { readonly json?: boolean },
): Promise<void> => {
  const store = await open(config);
  try {
    const precision = precisionOf(await store.feedback());
    print(json ? JSON.stringify(precision, null, 2) : said(precision));
  } finally {
    await store.close();
  }
};
