import type { Answers, Asked, FromWorker, Outcome, Progress, ToRead, ToWorker } from '../protocol.ts';

export interface Told {
  progress(progress: Progress): void;
  opened(outcome: Outcome): void;
  refused(reason: string): void;
}

interface Waiting {
  resolve(answer: never): void;
  reject(reason: Error): void;
}

/** The worker, as the page speaks with it. */
export class Client {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;

  constructor(worker: Worker, told: Told) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#take(data, told));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      told.refused(event.message || 'The worker could not be started: is this page served over HTTP?');
    });
  }

  open(capture: ToRead): void {
    this.#say({ kind: 'open', ...capture });
  }

  cancel(): void {
    this.#say({ kind: 'cancel' });
  }

  ask<Kind extends keyof Answers>(question: Asked & { readonly kind: Kind }): Promise<Answers[Kind]> {
    const id = ++this.#questions;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#say({ ...question, id });
    });
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromWorker, told: Told): void {
    switch (message.kind) {
      case 'progress':
        told.progress(message);
        return;
      case 'opened':
        told.opened(message.outcome);
        return;
      case 'refused':
        told.refused(message.reason);
        return;
      case 'answer':
      case 'no-answer': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.kind === 'no-answer') waiting?.reject(new Error(message.reason));
        else waiting?.resolve(message.answer as never);
      }
    }
  }
}
