import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PersonalDataRegistry } from '../users/personal-data.registry.js';
import { ChatRoomsService } from './chat-rooms.service.js';
import { RoomPlacesRepository } from './room-places.repository.js';

/** What rooms keep about a person: the places in them. What was said there is the business of messages. */
@Injectable()
export class RoomPersonalData implements OnModuleInit {
  constructor(
    private readonly rooms: ChatRoomsService,
    private readonly places: RoomPlacesRepository,
    private readonly registry: PersonalDataRegistry,
  ) {}

  onModuleInit(): void {
    this.registry.registerErasureStep('chatRooms', (userId) => this.rooms.leaveAll(userId));
    this.registry.registerExportSection('chatRooms', (userId) => this.places.allOf(userId));
  }
}
