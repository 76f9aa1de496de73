import { Global, Module } from '@nestjs/common';
import { AnswerAdmission } from '../messages/answer-admission.js';
import { MessagesModule } from '../messages/messages.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AnswerBudget } from './answer-budget.service.js';
import { AnswerSilencer } from '../messages/answer-silencer.js';
import { AnswerEndings } from './answer-endings.service.js';
import { AnswerLogRepository } from './answer-log.repository.js';
import { AnswerMetrics } from './answer-metrics.js';
import { AnswerOpenings } from './answer-openings.service.js';
import { AnswerRecords } from './answer-records.service.js';
import { AnswerUpkeep } from './answer-upkeep.service.js';
import { AnswerWriter } from './answer-writer.service.js';
import { AnswersController } from './answers.controller.js';
import { AnswersListener } from './answers.listener.js';
import { AnswersService } from './answers.service.js';
import { AssistantCheck } from './assistant.check.js';
import { ChatRoomsModule } from '../chat-rooms/chat-rooms.module.js';
import { BudgetRepository } from './budget.repository.js';
import { DistantAnswers } from './distant-answers.service.js';
import { DistantTexts } from './distant-texts.service.js';
import { DraftsController } from './drafts.controller.js';
import { DraftsService } from './drafts.service.js';
import { DueQuestions } from './due-questions.service.js';
import { EphemeralAnswers } from './ephemeral-answers.service.js';
import { GenerationsRepository } from './generations.repository.js';
import { LoadMeter } from './load-meter.js';
import { ModelsController } from './models.controller.js';
import { AiProvidersModule } from './providers/ai-providers.module.js';
import { RunningAnswerSilencer } from './running-answer-silencer.js';
import { RunningAnswers } from './running-answers.js';
import { TitlesService } from './titles.service.js';

@Global()
@Module({
  imports: [AiProvidersModule, ChatRoomsModule, MessagesModule, SessionsModule],
  controllers: [AnswersController, DraftsController, ModelsController],
  providers: [
    AnswerBudget,
    { provide: AnswerAdmission, useExisting: AnswerBudget },
    AnswerEndings,
    AnswerLogRepository,
    AnswerMetrics,
    AnswerOpenings,
    AnswerRecords,
    AnswerUpkeep,
    { provide: AnswerSilencer, useClass: RunningAnswerSilencer },
    AnswerWriter,
    AnswersListener,
    AnswersService,
    AssistantCheck,
    BudgetRepository,
    DistantAnswers,
    DistantTexts,
    DraftsService,
    DueQuestions,
    EphemeralAnswers,
    GenerationsRepository,
    LoadMeter,
    RunningAnswers,
    TitlesService,
  ],
  exports: [AiProvidersModule, AnswerAdmission, AnswerSilencer, AnswersService, DistantTexts, EphemeralAnswers],
})
export class AiModule {}
