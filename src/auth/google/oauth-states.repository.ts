import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../prisma/prisma.service.js';
import type { AnswerMode } from './google-answer.js';

type Hash = Uint8Array<ArrayBuffer>;

/** A sign-in at the provider that has begun. */
export interface StartedSignIn {
  codeVerifier: string;
  nonce: string;
  answerMode: AnswerMode;
}

@Injectable()
export class OauthStatesRepository {
  constructor(private readonly prisma: PrismaService) {}

  async add(stateHash: Hash, { codeVerifier, nonce, answerMode }: StartedSignIn, lifeSeconds: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      INSERT INTO oauth_states (state_hash, code_verifier, nonce, answer_mode, expires_at)
      VALUES (${stateHash}, ${codeVerifier}, ${nonce}, ${answerMode},
              clock_timestamp() + make_interval(secs => ${lifeSeconds}::float8))`;
  }

  /** Takes it out: a state is good for one answer. */
  async take(stateHash: Hash): Promise<StartedSignIn | null> {
    const [row] = await this.prisma.db.$queryRaw<(StartedSignIn & { isAlive: boolean })[]>`
      DELETE FROM oauth_states WHERE state_hash = ${stateHash}
      RETURNING code_verifier AS "codeVerifier", nonce, answer_mode AS "answerMode",
                expires_at > clock_timestamp() AS "isAlive"`;
    if (!row?.isAlive) return null;
    const { isAlive: _, ...started } = row;
    return started;
  }
}
