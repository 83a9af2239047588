import type { FastifyInstance } from 'fastify';
import type { Gateway } from '../../gateway';

export async function fuseFace(_app: FastifyInstance, _gateway: Gateway): Promise<void> {}
