/** Envoy's configuration as JSON, which its bootstrap and its REST discovery both take. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A typed message: envoyproxy.io calls each by the name of its protobuf type. */
export const typed = (type: string, fields: JsonObject = {}): JsonObject => ({
  '@type': `type.googleapis.com/${type}`,
  ...fields,
});

export const socketAddress = (address: string, port: number): JsonObject => ({ socket_address: { address, port_value: port } });

/** "0.3s" */
export const duration = (seconds: number): string => `${seconds}s`;

/** Only what is there. */
export const given = (fields: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined));
