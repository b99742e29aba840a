import type { LocalDate } from './local-time.ts';

/** Work that survives a crash. Handlers may run twice: everything they do is keyed. */
export type Job =
  | { readonly kind: 'triage'; readonly deliveryId: string }
  /** Read the figures of an open incident again (2, 5, 15, 30, 60 min). */
  | { readonly kind: 'refresh'; readonly incidentId: string; readonly minute: number }
  /** Tell the thread of the alerts that joined, batched (≥ 60 s). */
  | { readonly kind: 'fold'; readonly incidentId: string }
  /** Look for the worst trace again: the store had not received it yet. */
  | { readonly kind: 'trace'; readonly incidentId: string; readonly attempt: number }
  /** A silence that was made here has ended. */
  | { readonly kind: 'silence-end'; readonly incidentId: string }
  /** Tell a channel how its objectives stand; `subscription` is its key, `date` the local date whose digest it is. */
  | { readonly kind: 'digest'; readonly workspace: string; readonly subscription: string; readonly date: LocalDate }
  /** Read all objectives, for those who cannot wait for it. */
  | { readonly kind: 'objectives' }
  | { readonly kind: 'staleness' }
  | { readonly kind: 'retention' };
