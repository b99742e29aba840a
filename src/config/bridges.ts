/** Back ends that want signed requests or OAuth, and the program that stands between (each is the vendor's own). */
const bridges: readonly { readonly host: RegExp; readonly says: string }[] = [
  {
    host: /(^|\.)aps-workspaces(-fips)?\.[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/,
    says: 'an address that takes a token or a password: Amazon Managed Prometheus wants SigV4 signatures; run aws-sigv4-proxy beside Edgewise and point to it',
  },
  {
    host: /\.prometheus\.monitor\.azure\.(com|us|cn)$/,
    says: "an address that takes a token or a password: Azure Monitor wants OAuth; run Azure's aad-auth-proxy beside Edgewise and point to it",
  },
  {
    host: /(^|\.)monitoring(\.[a-z0-9-]+\.rep)?\.googleapis\.com$/,
    says: "an address that takes a token or a password: Google Managed Prometheus wants OAuth; run its frontend (prometheus-engine's `frontend`) beside Edgewise and point to it",
  },
];

/** What to run in front of a back end that cannot be asked directly, or null. `address` is a checked URL. */
export const bridgeFor = (address: string): string | null => {
  const host = new URL(address).hostname.replace(/\.$/, '');
  return bridges.find((bridge) => bridge.host.test(host))?.says ?? null;
};
