import { performance } from 'node:perf_hooks';
import * as issue from '@espalier/pki/issue';
console.log(Object.keys(issue));
