-- CreateEnum
CREATE TYPE "ChatRoomType" AS ENUM ('DIRECT', 'GROUP');

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "file_name" TEXT,
ADD COLUMN     "file_size" BIGINT,
ADD COLUMN     "file_url" TEXT;

-- AlterTable
ALTER TABLE "participants" ADD COLUMN     "read_count" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "chat_rooms" (
    "id" UUID NOT NULL,
    "type" "ChatRoomType" NOT NULL,
    "name" TEXT,
    "is_archived" BOOLEAN NOT NULL DEFAULT false,
    "direct_key" TEXT,
    "message_count" INTEGER NOT NULL DEFAULT 0,
    "change_seq" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "chat_rooms_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "chat_rooms_direct_key_key" ON "chat_rooms"("direct_key");

-- AddForeignKey
ALTER TABLE "chat_rooms" ADD CONSTRAINT "chat_rooms_id_fkey" FOREIGN KEY ("id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
