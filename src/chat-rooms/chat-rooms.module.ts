import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { ChatRoomsController } from './chat-rooms.controller.js';
import { ChatRoomsRepository } from './chat-rooms.repository.js';
import { ChatRoomsService } from './chat-rooms.service.js';
import { ParticipantsRepository } from './participants.repository.js';
import { ReceiptsService } from './receipts.service.js';
import { RoomMembers } from './room-members.js';
import { RoomPersonalData } from './room-personal-data.service.js';
import { RoomPlacesRepository } from './room-places.repository.js';

@Module({
  imports: [UsersModule],
  controllers: [ChatRoomsController],
  providers: [
    ChatRoomsRepository,
    ChatRoomsService,
    ParticipantsRepository,
    ReceiptsService,
    RoomMembers,
    RoomPersonalData,
    RoomPlacesRepository,
  ],
  exports: [ChatRoomsService, ReceiptsService, RoomMembers],
})
export class ChatRoomsModule {}
