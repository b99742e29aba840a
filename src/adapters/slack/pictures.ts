import type { Clock } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';

export type PictureFile = { readonly name: string; readonly png: Uint8Array; readonly altText: string };

type UploadSlot = { readonly upload_url?: string; readonly file_id?: string };

/** Uploads bytes and shares the file where `target` says. The file is then visible to everybody who sees that place. */
export const sharePicture = async (
  { call }: SlackCalls,
  fetch: typeof globalThis.fetch,
  picture: PictureFile,
  target: { readonly channel: string; readonly threadTs: string | null },
): Promise<string> => {
  const filename = `${picture.name}.png`;
  const slot = (await call('files.getUploadURLExternal', { filename, length: picture.png.length })) as UploadSlot;
  if (slot.upload_url === undefined || slot.file_id === undefined) throw new Error('Slack gave no upload address');
  const sent = await fetch(slot.upload_url, {
    method: 'POST',
    body: new Blob([picture.png.slice()], { type: 'image/png' }),
    signal: AbortSignal.timeout(15_000),
  });
  if (!sent.ok) throw Object.assign(new Error('the upload failed'), { statusCode: sent.status });
  await call('files.completeUploadExternal', {
    files: JSON.stringify([{ id: slot.file_id, title: (picture.altText.split('. ')[0] ?? '').slice(0, 200) }]),
    channel_id: target.channel,
    ...(target.threadTs === null ? {} : { thread_ts: target.threadTs }),
  });
  return slot.file_id;
};

const waitsMs = [250, 500, 1000, 2000, 4000, 4000];

/** Slack processes a file after its upload; a block that names it earlier is refused (`invalid_blocks`). False when it did not get ready. */
export const isProcessed = async (
  { call }: SlackCalls,
  clock: Clock,
  fileId: string,
  waits: readonly number[] = waitsMs,
): Promise<boolean> => {
  for (const waitMs of waits) {
    const { file } = (await call('files.info', { file: fileId })) as { file?: { mimetype?: string } };
    if (file?.mimetype !== undefined && file.mimetype !== '') return true;
    await clock.sleep(waitMs);
  }
  return false;
};

/** An image block of an uploaded file; alt text belongs to the block, since the upload's own is lost. */
export const imageBlock = (fileId: string, altText: string) => ({
  type: 'image',
  slack_file: { id: fileId },
  alt_text: altText.slice(0, 2000),
});
