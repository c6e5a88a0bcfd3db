import type { NotificationPayload } from '@espalier/wire';

/** What stands for a notification: a hash that covers it, a cipher around it that nothing proves, or nothing. */
export type Standing = 'hashed' | 'encrypted' | 'clear';

/** A notification as it came, in whatever exchange. */
export interface Heard {
  readonly notification: NotificationPayload;
  readonly standing: Standing;
}
