/** What needs a right. Looking needs none. */
export type Action = 'acknowledge' | 'silence' | 'digest';

/** Who may: everybody, or these people, members of these user groups, and whoever asks in these channels. Ids only. */
export type Allowed =
  | 'everyone'
  | { readonly users: readonly string[]; readonly groups: readonly string[]; readonly channels: readonly string[] };

export type Roles = Readonly<Record<Action, Allowed>>;
