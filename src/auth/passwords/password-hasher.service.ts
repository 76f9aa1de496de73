import { hash, parseOptions, verify, type Options } from '@node-rs/argon2';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { newOpaqueToken } from '../tokens/opaque-token.js';
import { WorkQueue } from '../../common/limits/work-queue.js';

/** Algorithm.Argon2id of @node-rs/argon2, whose `const enum` cannot be used from a single file. */
const ARGON2ID = 2;

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Each hash takes one of the four threads that also resolve names and read files; the others stay free for them. */
const AT_ONCE = { running: 2, waiting: 50 };

/** A try to guess a password, as the one who counts tries sees it. Both are called in the turn of the hash. */
export interface Guess {
  /** @throws what refuses it */
  begin(): void;
  settle(correct: boolean): void;
}

export interface PasswordVerdict {
  correct: boolean;
  /** The same password under today's parameters, when the kept hash is of weaker ones. */
  betterHash: string | null;
}

/** Hashes passwords with argon2id, few at a time. @throws AppError SERVER_BUSY when too many wait */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  private readonly queue = new WorkQueue(AT_ONCE);
  /** What is compared when there is nobody to compare with, so that the answer takes as long. */
  private decoy: string;

  async onModuleInit(): Promise<void> {
    this.decoy = await this.hash(newOpaqueToken());
  }

  hash(password: string): Promise<string> {
    return this.queue.run(() => argon2id(password));
  }

  /** Compares with the kept hash; null (nobody, or no password) takes as long and is never correct. */
  check(kept: string | null, password: string, guess: Guess): Promise<PasswordVerdict> {
    return this.queue.run(async () => {
      // Asked again in turn: guesses that wait together must not all count as the first.
      guess.begin();
      const matches = await verify(kept ?? this.decoy, password);
      const correct = matches && kept !== null;
      guess.settle(correct);
      return { correct, betterHash: correct && isOutdated(kept) ? await argon2id(password) : null };
    });
  }
}

const argon2id = (password: string): Promise<string> => hash(password, PARAMETERS as Options);

function isOutdated(kept: string): boolean {
  const { algorithm, memoryCost, timeCost, parallelism } = parseOptions(kept);
  return (
    (algorithm as number) !== PARAMETERS.algorithm ||
    memoryCost !== PARAMETERS.memoryCost ||
    timeCost !== PARAMETERS.timeCost ||
    parallelism !== PARAMETERS.parallelism
  );
}
