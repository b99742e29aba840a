/** Logical pixels, drawn at twice that: as wide as the other pictures, so that a phone shows their texts alike. */
export const page = { widthPx: 560, marginPx: 14, textPx: 12.5, smallPx: 12, titlePx: 16 } as const;
/** Of one row: from its top. */
export const inRow = { heightPx: 21, baselinePx: 15, barPx: 4, barHeightPx: 11, pathPx: 16.5, noteHeightPx: 17 } as const;
