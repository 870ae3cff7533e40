-- Counts a member in the sliding window KEYS[1], a sorted set whose scores are the instants of counting.
-- ARGV: the member, how many fit, how long one counts in microseconds, the same in milliseconds and a little more.
-- Answers 1 and how many stand in the window, or 0 and the microseconds until the next one fits.
--
-- Several writes are a transaction, and those a Redis whose default user is off forgets at a restart (redis/redis#14541):
-- then counting starts anew.
local member, limit, length = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - length)
-- Further ahead than a window is long counted only a clock that was wrong.
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + length + 1, '+inf')

local others = redis.call('ZCARD', KEYS[1])
local rank = redis.call('ZRANK', KEYS[1], member)
if rank then
  others = others - 1
end
if others < limit then
  redis.call('ZADD', KEYS[1], now, member)
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return {1, others + 1}
end

-- All others but limit - 1 have to leave first. Nobody ever fits where none may stand.
if limit == 0 then
  return {0, length}
end
local last_to_leave = others - limit
if rank and rank <= last_to_leave then
  last_to_leave = last_to_leave + 1
end
local counted_at = redis.call('ZRANGE', KEYS[1], last_to_leave, last_to_leave, 'WITHSCORES')[2]
return {0, counted_at + length - now}
