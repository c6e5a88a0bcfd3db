/** Once for each worker, however many files it runs: hence a file of its own. */
import './same-octets.ts';
