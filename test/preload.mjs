// CommonJS packages that require('@nestjs/common') fail inside Jest's ESM linker unless Nest is already loaded.
import '@nestjs/common';
import '@nestjs/core';
import '@nestjs/common/internal';
import '@nestjs/core/internal';
