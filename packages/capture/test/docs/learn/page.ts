import { readKeys, toText } from '../../../src/index.ts';
import { ipv4, observed, type SessionForm, testSession } from '../../support/session.ts';

/** Some messages of the session, one behind the other, and what there is to say of them. */
interface Step {
  /** A heading of its own in front, of this step and those behind it. */
  readonly section?: string;
  readonly title: string;
  readonly says: string;
  /** Default one. */
  readonly messages?: number;
  /** A line for each message, without its payloads: another page has shown them. */
  readonly isBrief?: true;
}

/** A page of docs/learn: one session, step by step. */
export interface LearnPage {
  readonly file: string;
  readonly session: SessionForm;
  /** Whether packets go through the tunnel, too. */
  readonly hasEsp: boolean;
  readonly introduction: string;
  readonly steps: readonly Step[];
  readonly outro: string;
}

/** Each message of the session as the observer reads it, with the keys of its IKE SAs. */
export function messagesOf({ session, hasEsp }: LearnPage): readonly string[] {
  const { sent, json } = testSession({ seed: 7, ...session });
  const frames = sent.filter(({ isEsp }) => hasEsp || !isEsp).map(ipv4);
  const { observations } = observed(frames, { keys: readKeys([{ name: 'keys.json', text: json }]) });
  return observations.map((one) => toText(one).trim());
}

export function written({ introduction, steps, outro }: LearnPage, messages: readonly string[]): string {
  let at = 0;
  const parts = steps.flatMap(({ section, title, says, messages: count = 1, isBrief = false }) => {
    const own = messages.slice(at, at + count);
    at += count;
    const shown = isBrief ? own.map((text) => text.split('\n')[0]) : own;
    return [
      ...(section === undefined ? [] : [`## ${section}`]),
      `### ${title}`,
      says,
      `\`\`\`text\n${shown.join('\n')}\n\`\`\``,
    ];
  });
  return `${[introduction, ...parts, outro].join('\n\n')}\n`;
}

export function messagesIn({ steps }: LearnPage): number {
  return steps.reduce((sum, { messages = 1 }) => sum + messages, 0);
}
