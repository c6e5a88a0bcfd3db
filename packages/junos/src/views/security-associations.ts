import { type IpsecSaView, type IpsecViewOptions, saLines, saTable } from './ipsec-security-associations.ts';

/** `show ipsec security-associations`: the SAs that a routing protocol is protected by. */
export interface SecurityAssociationView {
  readonly name: string;
  /** Inbound and outbound. */
  readonly securityAssociations: readonly IpsecSaView[];
}

/** The text that Junos prints, `detail` unless something else is asked for, with a line feed after every line. */
export function formatSecurityAssociations(
  views: readonly SecurityAssociationView[],
  { level = 'detail', hex = false }: IpsecViewOptions = {},
): string {
  return views
    .map(({ name, securityAssociations: sas }) => {
      const heading = `Security association: ${name}\n`;
      if (level === 'brief') return `${[heading.trimEnd(), ...saTable(sas, hex)].join('\n')}\n`;
      return [heading, ...sas.map((sa) => `${saLines(sa, hex).join('\n')}\n`)].join('\n');
    })
    .join('\n');
}
