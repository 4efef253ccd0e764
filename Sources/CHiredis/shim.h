#pragma once

// Only the codec: the reader, and the formatter of commands. The connection half of hiredis is not used (see Sources/Hiredis).
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
