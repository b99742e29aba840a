import sharp from 'sharp';

/** Width and height as a PNG's first chunk says (W3C PNG, 11.2.1). */
export const sizeOf = (png: Uint8Array): readonly number[] => [
  Buffer.from(png).readUInt32BE(16),
  Buffer.from(png).readUInt32BE(20),
];

/** A small real PNG. */
export const smallPng = async (): Promise<Uint8Array> =>
  new Uint8Array(
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#0072b2' } })
      .png()
      .toBuffer(),
  );
