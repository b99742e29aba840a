import { describe, expect, it } from 'vitest';
import { acknowledge, type Done, endedSilences, silenced, unacknowledge, unsilenced } from '../../src/domain/deeds.ts';
import { hear } from '../../src/domain/episode.ts';
import { age } from '../../src/domain/episode-end.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { incidentOf, startMs } from '../contracts/store-values.ts';

const ada = { by: 'U0ADA', atMs: startMs + 1000 };
const bo = { by: 'U0BO', atMs: startMs + 2000 };
const silence = { ...ada, id: 's1', endsAtMs: startMs + 60_000, comment: 'deploy' };
const over = (incident: Incident): Incident => ({ ...incident, state: 'resolved', closedAtMs: startMs });
const afterwards = (done: Done): Incident => done.incident;

describe('an incident', () => {
  it('is acknowledged by the first who says so', () => {
    const open = incidentOf('a');
    const first = acknowledge(open, ada);
    expect(first).toEqual({ kind: 'done', incident: { ...open, acknowledged: ada, revision: open.revision + 1 } });
    expect(acknowledge(first.incident, bo)).toEqual({ kind: 'already', incident: first.incident });
  });

  it('is taken back by anybody, once', () => {
    const taken = acknowledge(incidentOf('b'), ada).incident;
    const back = unacknowledge(taken);
    expect(back).toMatchObject({ kind: 'done', incident: { acknowledged: null } });
    expect(unacknowledge(back.incident).kind).toBe('already');
  });

  it.each<readonly [string, (incident: Incident) => Done]>([
    ['acknowledged', (incident) => acknowledge(incident, ada)],
    ['unacknowledged', unacknowledge],
    ['silenced', (incident) => silenced(incident, silence)],
  ])('that is over is not %s', (_, decide) => {
    const incident = over(incidentOf('c'));
    expect(decide(incident)).toEqual({ kind: 'over', incident });
  });

  it('that comes back is nobody’s: who looked after it may be asleep', () => {
    const open = acknowledge(incidentOf('d'), ada).incident;
    const [alert] = [open.lead];
    const resolved = hear(open, [{ ...alert, fingerprint: 'd', status: 'resolved' }], startMs + 1000, true).incident;
    expect(resolved).toMatchObject({ state: 'resolved', acknowledged: ada });
    const back = hear(resolved, [{ ...alert, fingerprint: 'd', startsAtMs: startMs + 300_000 }], startMs + 300_000, true);
    expect(back.news).toContain('reopened');
    expect(back.incident.acknowledged).toBeNull();
  });

  it('knows its silences, and which have ended', () => {
    const once = afterwards(silenced(incidentOf('e'), silence));
    const twice = afterwards(silenced(once, { ...silence, id: 's2', endsAtMs: startMs + 90_000 }));
    expect(endedSilences(twice, startMs + 59_999)).toEqual([]);
    expect(endedSilences(twice, startMs + 60_000).map(({ id }) => id)).toEqual(['s1']);
    expect(afterwards(unsilenced(twice, ['s1'])).silences?.map(({ id }) => id)).toEqual(['s2']);
    expect(unsilenced(twice, ['another']).kind).toBe('already');
  });

  it('that was silenced from its own message stays open until the silence ends, and is not “no longer reported”', () => {
    const open = afterwards(silenced(incidentOf('f'), { ...silence, endsAtMs: startMs + 3_600_000 }));
    const listed = new Map([['f', 'silenced' as const]]);
    const held = age(age(open, listed, startMs).incident, listed, startMs + 1_200_000);
    expect(held.news).toBeNull();
    const bare = incidentOf('g');
    const others = new Map([['g', 'silenced' as const]]);
    expect(age(age(bare, others, startMs).incident, others, startMs + 1_200_000).news).toBe('unreported');
    const ended = age(age(open, listed, startMs + 3_600_000).incident, listed, startMs + 4_300_000);
    expect(ended.news).toBe('unreported');
  });

  it('that was silenced for long stays open too while Alertmanager does not answer', () => {
    const open = afterwards(silenced(incidentOf('h'), { ...silence, endsAtMs: startMs + 12 * 3_600_000 }));
    expect(age(open, null, startMs + 9 * 3_600_000).news).toBeNull();
    expect(age(open, null, startMs + 13 * 3_600_000).news).toBe('unreported');
  });
});
