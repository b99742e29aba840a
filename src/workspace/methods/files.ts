import { addMessage, fileState, nextId } from '../state.ts';
import { type Answer, type Arguments, type Context, failed, type Method, textOf } from './call.ts';

const uploadUrl = ({ state, base }: Context, given: Arguments): Answer => {
  const [filename, size] = [textOf(given, 'filename'), Number(given['length'])];
  if (filename === null || !(size > 0)) return failed('invalid_arguments');
  const id = nextId(state, 'F');
  state.files.set(id, {
    id,
    name: filename,
    title: filename,
    bytes: new Uint8Array(),
    state: 'waiting',
    readyAtMs: 0,
    shares: [],
  });
  return { ok: true, file_id: id, upload_url: `${base}/upload/${id}` };
};

const completeUpload = (context: Context, given: Arguments): Answer => {
  const { state, nowMs, processingMs } = context;
  const files = given['files'];
  if (!Array.isArray(files) || files.length === 0) return failed('invalid_arguments');
  const channelId = textOf(given, 'channel_id');
  const channel = channelId === null ? null : state.channels.get(channelId);
  if (channelId !== null && !channel) return failed('channel_not_found');
  if (channel && !channel.isMember) return failed('not_in_channel');
  const known = (files as readonly { id?: string; title?: string }[]).map(({ id, title }) => ({
    file: state.files.get(id ?? ''),
    title,
  }));
  if (known.some(({ file }) => !file || file.bytes.length === 0)) return failed('file_not_found');
  for (const { file, title } of known) {
    if (!file) continue;
    Object.assign(file, { state: 'processing', readyAtMs: nowMs + processingMs, title: title ?? file.title });
    if (!channel) continue;
    file.shares.push(channel.id);
    const comment = textOf(given, 'initial_comment') ?? '';
    addMessage(state, nowMs, { channel: channel.id, text: comment, threadTs: textOf(given, 'thread_ts'), files: [file.id] });
  }
  context.onChange();
  return { ok: true, files: known.map(({ file }) => ({ id: file?.id, title: file?.title })) };
};

const fileInfo = ({ state, nowMs, base }: Context, given: Arguments): Answer => {
  const file = state.files.get(textOf(given, 'file') ?? '');
  if (!file) return failed('file_not_found');
  const isReady = fileState(state, file.id, nowMs) === 'ready';
  return {
    ok: true,
    file: {
      id: file.id,
      name: file.name,
      title: file.title,
      permalink: `${base}/file/${file.id}`,
      mimetype: isReady ? 'image/png' : '',
      shares: { public: Object.fromEntries(file.shares.map((channel) => [channel, [{}]])) },
    },
  };
};

export const fileMethods: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': { scope: 'files:write', run: uploadUrl },
  'files.completeUploadExternal': { scope: 'files:write', run: completeUpload },
  'files.info': { scope: 'files:read', run: fileInfo },
};
