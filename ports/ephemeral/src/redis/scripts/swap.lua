-- Replaces what stands at KEYS[1] only if it is what was expected.
-- ARGV: 'present' or 'absent', the expected value, the new value, its life in milliseconds (0: none stays).
-- Answers 1, or 0 and what stands there.
local expected = ARGV[1] == 'present' and ARGV[2]
local found = redis.call('GET', KEYS[1])
if found ~= expected then
  return {0, found}
end
if ARGV[4] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
end
return {1}
