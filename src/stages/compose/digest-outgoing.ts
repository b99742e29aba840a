import { type Digest, isQuiet } from '../../domain/digest.ts';
import type { OutboxMessage, OutboxPurpose } from '../../domain/incident.ts';
import type { Message, Picture } from '../../domain/message.ts';
import { untrusted } from './mrkdwn.ts';

/** A digest as it was composed. */
type Composed = { readonly digest: Digest; readonly message: Message; readonly thread: Message };

/** What goes to the channel: the digest, and in its thread the picture and all figures. Of one that is quiet, its line alone. */
export const digestMessages = (
  id: string,
  { digest, message, thread }: Composed,
  picture: Picture | null,
  isInline: boolean,
): readonly OutboxMessage[] => {
  const outgoing = (purpose: OutboxPurpose, told: Message, drawn: Picture | null = null): OutboxMessage => ({
    key: `${id}:${purpose}`,
    rootId: id,
    purpose,
    message: told,
    broadcast: false,
    picture: drawn === null ? null : { name: drawn.name, png: drawn.png, altText: drawn.altText },
  });
  if (digest.lines.length === 0 || isQuiet(digest)) return [outgoing('root', message)];
  const drawn =
    picture === null || isInline
      ? []
      : [outgoing('picture', { text: untrusted(picture.altText, 1000) || '–', blocks: [] }, picture)];
  return [outgoing('root', message, isInline ? picture : null), ...drawn, outgoing('thread', thread)];
};
