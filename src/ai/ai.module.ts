import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/messages.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AnswerEndings } from './answer-endings.service.js';
import { AnswerMetrics } from './answer-metrics.js';
import { AnswerUpkeep } from './answer-upkeep.service.js';
import { AnswerWriter } from './answer-writer.service.js';
import { AnswersController } from './answers.controller.js';
import { AnswersListener } from './answers.listener.js';
import { AnswersService } from './answers.service.js';
import { AssistantCheck } from './assistant.check.js';
import { EphemeralAnswers } from './ephemeral-answers.service.js';
import { GenerationsRepository } from './generations.repository.js';
import { LoadMeter } from './load-meter.js';
import { ModelsController } from './models.controller.js';
import { AiProvidersModule } from './providers/ai-providers.module.js';
import { RunningAnswers } from './running-answers.js';
import { TitlesService } from './titles.service.js';

@Module({
  imports: [AiProvidersModule, MessagesModule, SessionsModule],
  controllers: [AnswersController, ModelsController],
  providers: [
    AnswerEndings,
    AnswerMetrics,
    AnswerUpkeep,
    AnswerWriter,
    AnswersListener,
    AnswersService,
    AssistantCheck,
    EphemeralAnswers,
    GenerationsRepository,
    LoadMeter,
    RunningAnswers,
    TitlesService,
  ],
  exports: [AiProvidersModule, AnswersService, EphemeralAnswers],
})
export class AiModule {}
