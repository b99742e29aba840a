import { z } from 'zod';
import { SourceError } from '../../domain/gathered.ts';
import type { NewSilence, Silence } from '../../domain/silence.ts';
import type { Ask, SilencesSource } from '../../ports.ts';
import type { HttpSource } from '../http/client.ts';
import { expectJson, parseJson } from '../http/json.ts';
import { moment } from './moment.ts';
import { isWritten, refusal } from './silences-refusal.ts';

const matcher = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  /** Before 0.22 there is none, and every matcher is positive (prometheus/alertmanager, CHANGELOG 0.22). */
  isEqual: z.boolean().default(true),
});

/** Names that need no quotes (prometheus.io, "UTF-8 names"). */
const plainName = /^[a-zA-Z_]\w*$/;

const matcherText = ({ name, value, isRegex, isEqual }: z.output<typeof matcher>): string => {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return `${plainName.test(name) ? name : JSON.stringify(name)}${operator}${JSON.stringify(value)}`;
};

/** As api/v2/openapi.yaml of prometheus/alertmanager has them; what newer ones add is passed over. */
const silences = z.array(
  z
    .object({
      id: z.string(),
      status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
      startsAt: moment,
      endsAt: moment,
      createdBy: z.string(),
      comment: z.string(),
      matchers: z.array(matcher),
    })
    .transform(
      ({ status, startsAt, endsAt, matchers, ...rest }): Silence => ({
        ...rest,
        state: status.state,
        startsAtMs: startsAt,
        endsAtMs: endsAt,
        matchers: matchers.map(matcherText),
      }),
    ),
);

const created = z.object({ silenceID: z.string().min(1) });

const bodyOf = ({ matchers, startsAtMs, endsAtMs, createdBy, comment }: NewSilence): unknown => ({
  matchers: matchers.map(({ name, value }) => ({ name, value, isRegex: false, isEqual: true })),
  startsAt: new Date(startsAtMs).toISOString(),
  endsAt: new Date(endsAtMs).toISOString(),
  createdBy,
  comment,
});

/** The form that Alertmanager itself wants of an id; anything else would be another address. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const listed = async (http: HttpSource, { signal }: Ask): Promise<readonly Silence[]> =>
  expectJson(http.name, await http.request({ path: 'api/v2/silences', signal }), silences);

/** Whether what was sent may have arrived: an answer that is late, lost, unreadable, or a gateway's. */
const isUncertain = ({ reason, message }: SourceError): boolean =>
  reason === 'timeout' || reason === 'malformed' || /^closed the connection|HTTP 50[24]/.test(message);

const create = async (http: HttpSource, silence: NewSilence, { signal }: Ask): Promise<string> => {
  const ends = [silence.startsAtMs, silence.endsAtMs].every((atMs) => Number.isFinite(atMs) && Math.abs(atMs) <= 8.64e15);
  if (!ends) throw new SourceError(http.name, 'refused', 'was not asked: the silence begins or ends at no moment of time');
  try {
    const answer = await http.request({ method: 'POST', path: 'api/v2/silences', json: bodyOf(silence), signal });
    if (!isWritten(answer)) throw refusal(http.name, answer, 'the silence');
    return parseJson(http.name, answer, created).silenceID;
  } catch (error) {
    if (!(error instanceof SourceError) || !isUncertain(error)) throw error;
    // It was sent once and is not sent again: two silences would have to be ended one by one.
    throw new SourceError(http.name, error.reason, `${error.message}; the silence may have been made all the same`, {
      cause: error,
    });
  }
};

/** Alertmanager forgets what expired long ago, and older ones answer 404 or 500 for that: what it lists decides whether there is still one to end. */
const expire = async (http: HttpSource, id: string, ask: Ask): Promise<void> => {
  if (!uuid.test(id)) throw new SourceError(http.name, 'refused', 'has no silence with an id of this form');
  const answer = await http.request({ method: 'DELETE', path: `api/v2/silence/${id}`, signal: ask.signal });
  if (isWritten(answer)) return;
  const problem = refusal(http.name, answer, 'to end the silence');
  if (problem.reason === 'refused' && (answer.status === 401 || answer.status === 403)) throw problem;
  const lives = (await listed(http, ask)).some((silence) => silence.id === id && silence.state !== 'expired');
  if (lives) throw problem;
};

/** Alertmanager's silences by its API v2, also behind the prefix and tenant of Mimir. Throws only `SourceError`. */
export const alertmanagerSilences = (http: HttpSource): SilencesSource => ({
  name: http.name,
  all: (ask) => listed(http, ask),
  create: (silence, ask) => create(http, silence, ask),
  expire: (id, ask) => expire(http, id, ask),
});
