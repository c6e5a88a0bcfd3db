export * from '../../packages/testing/src/sessions/signing-keys.ts';
