import sharp from 'sharp';

/** A small real PNG. */
export const smallPng = async (): Promise<Uint8Array> =>
  new Uint8Array(
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#0072b2' } })
      .png()
      .toBuffer(),
  );
