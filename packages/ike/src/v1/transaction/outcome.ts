import type { VerifyCredentialsAnswer } from '../../questions/transaction-questions.ts';
import type { AssignedConfiguration } from '../../types.ts';

/** What a message, or an answer, of XAuth or Mode Config settles. */
export type TransactionOutcome =
  /** As user: something was said to the gateway, and it is the gateway's turn. */
  | { readonly kind: 'credentials-given' }
  /** As user: there are no credentials, or none that have not been given. */
  | { readonly kind: 'credentials-lacking'; readonly reason: 'no-credentials' | 'xauth-failed' }
  /** As user: what the gateway says of the credentials. */
  | { readonly kind: 'status'; readonly isOk: boolean }
  /** As gateway: the user has none. */
  | { readonly kind: 'user-gives-up' }
  /** As gateway: what the caller says of the user's. */
  | { readonly kind: 'verdict'; readonly verdict: VerifyCredentialsAnswer; readonly userName: string | undefined }
  /** As gateway: the user knows the status. */
  | { readonly kind: 'status-told' }
  /** As client: the gateway has told this. */
  | { readonly kind: 'assigned'; readonly configuration: AssignedConfiguration }
  /** As gateway: the client is told this; undefined: there was nothing for it. */
  | { readonly kind: 'leased'; readonly lease: AssignedConfiguration | undefined };
