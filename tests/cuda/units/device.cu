// The unit that nvcc compiles.
#include "exchange.hpp"

exchange::unit exchange::nvcc_unit() { return {&evaluate, &update, &bind_session, &drive}; }
