export * from '../../packages/testing/src/sessions/ends/signing-keys.ts';
