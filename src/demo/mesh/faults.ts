/** What can be broken, each at one place. Shares are of the requests of that call. */
export type Effect = {
  /** `caller>callee`, or a service name for its own trouble. */
  readonly at: string;
  /** Never arrives: seen by the caller's proxy alone, with this code and flags. */
  readonly refused?: {
    readonly share: number;
    readonly code: string;
    readonly flags: string;
    readonly seconds: number;
    readonly withoutDestination?: boolean;
  };
  /** The callee's application answers with an error. */
  readonly answered?: { readonly share: number; readonly code: string; readonly version?: string };
  /** The callee itself takes this factor longer. */
  readonly slower?: number;
  /** The caller's proxy gives up after so long: 504 UT there, DC at the callee. */
  readonly timeoutSeconds?: number;
  /** The callee's proxy cannot reach its application: a bare 503 at the caller, UF at the callee. */
  readonly inside?: { readonly share: number; readonly code: string; readonly flags: string };
};

export type Scenario = {
  readonly name: string;
  readonly says: string;
  readonly effects: readonly Effect[] /** A rollout that kube-state-metrics would show. */;
  readonly rollout?: string;
};

/** The faults of the demo: what happened, in one line each. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'connection-refused',
    says: 'a third of the connections from checkout to payments is refused',
    effects: [{ at: 'checkout>payments', refused: { share: 0.33, code: '503', flags: 'URX,UF', seconds: 0.06 } }],
  },
  {
    name: 'app-errors',
    says: 'the inventory application answers every fifth request with 500',
    effects: [{ at: 'inventory', answered: { share: 0.2, code: '500' } }],
  },
  {
    name: 'bad-version',
    says: 'payments v2 was rolled out and fails half of its requests',
    effects: [{ at: 'payments', answered: { share: 0.5, code: '500', version: 'v2' } }],
    rollout: 'payments',
  },
  {
    name: 'slow-dependency',
    says: 'the bank takes eighty times as long, two hops below checkout',
    effects: [{ at: 'bank', slower: 80 }],
  },
  { name: 'slow-callee', says: 'search itself takes sixty times as long', effects: [{ at: 'search', slower: 60 }] },
  {
    name: 'timeout',
    says: 'warehouse is slow and inventory gives up after one second',
    effects: [
      { at: 'warehouse', slower: 150 },
      { at: 'inventory>warehouse', timeoutSeconds: 1 },
    ],
  },
  {
    name: 'no-endpoints',
    says: 'no pod of shipping is ready',
    effects: [{ at: 'checkout>shipping', refused: { share: 1, code: '503', flags: 'UH', seconds: 0.001 } }],
  },
  {
    name: 'circuit-breaker',
    says: 'a connection limit for catalog is too small for frontend',
    effects: [{ at: 'frontend>catalog', refused: { share: 0.3, code: '503', flags: 'UO', seconds: 0.001 } }],
  },
  {
    name: 'no-route',
    says: 'a route of cart names a subset that does not exist',
    effects: [{ at: 'frontend>cart', refused: { share: 0.6, code: '503', flags: 'NC', seconds: 0.001 } }],
  },
  {
    name: 'tls-mismatch',
    says: 'fraud accepts strict mutual TLS only, payments speaks plaintext',
    effects: [{ at: 'payments>fraud', refused: { share: 0.9, code: '503', flags: 'UC', seconds: 0.004 } }],
  },
  {
    name: 'app-down',
    says: 'the currency application does not listen any more behind its proxy',
    effects: [{ at: 'currency', inside: { share: 0.8, code: '503', flags: 'UF' } }],
  },
];

export const scenarioNamed = (name: string): Scenario | null => scenarios.find((scenario) => scenario.name === name) ?? null;
