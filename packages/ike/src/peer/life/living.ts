import type { Environment } from '../../runtime/environment.ts';
import type { ChildOwner } from '../../sa/child.ts';
import type { Children } from '../../sa/children.ts';
import type { IkeSas } from '../../sa/ike-sas.ts';
import type { AssignedConfiguration } from '../../types.ts';
import type { Entry } from '../pad/entry.ts';

/** A peer with which there is something. */
export interface Living {
  readonly name: string;
  readonly entry: Pick<Entry<unknown>, 'config' | 'isRemoved'>;
  readonly environment: Environment;
  readonly ikeSas: IkeSas;
  readonly children: Children<ChildOwner>;
  /** What Mode Config has given to one end. */
  readonly configuration: AssignedConfiguration | undefined;
}
