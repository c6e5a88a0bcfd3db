import type { IpsecStatistics } from '@espalier/gateway';

/** `show services ipsec-vpn ipsec statistics`: the statistics of one service set. */
export interface IpsecStatisticsView extends IpsecStatistics {
  /** For example `sp-1/2/0`. */
  readonly pic: string;
  readonly serviceSet: string;
}

/** The text that Junos prints, with a line feed after every line. */
export function formatIpsecStatistics(views: readonly IpsecStatisticsView[]): string {
  return views.map((view) => `${lines(view).join('\n')}\n`).join('\n');
}

function lines(view: IpsecStatisticsView): readonly string[] {
  return [
    `PIC: ${view.pic}, Service set: ${view.serviceSet}`,
    '',
    'ESP Statistics:',
    counter('Encrypted bytes', view.espEncryptedBytes),
    counter('Decrypted bytes', view.espDecryptedBytes),
    counter('Encrypted packets', view.espEncryptedPackets),
    counter('Decrypted packets', view.espDecryptedPackets),
    'AH Statistics:',
    counter('Input bytes', view.ahInputBytes),
    counter('Output bytes', view.ahOutputBytes),
    counter('Input packets', view.ahInputPackets),
    counter('Output packets', view.ahOutputPackets),
    'Errors:',
    `  AH authentication failures: ${view.ahAuthenticationFailures}, Replay errors: ${view.replayErrors}`,
    `  ESP authentication failures: ${view.espAuthenticationFailures}, ESP decryption failures: ${view.espDecryptionFailures}`,
    `  Bad headers: ${view.badHeaders}, Bad trailers: ${view.badTrailers}`,
  ];
}

function counter(label: string, count: number): string {
  return `  ${`${label}:`.padEnd(18)} ${String(count).padStart(15)}`;
}
