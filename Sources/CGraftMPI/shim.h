// Open MPI's C interface. Its handles are macros that cast addresses of the library's variables, which Swift cannot read: they come as functions.
#ifndef CGRAFTMPI_SHIM_H
#define CGRAFTMPI_SHIM_H

#include <mpi.h>

static inline MPI_Comm graft_mpi_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Datatype graft_mpi_byte(void) { return MPI_BYTE; }
static inline int graft_mpi_any_source(void) { return MPI_ANY_SOURCE; }
static inline int graft_mpi_any_tag(void) { return MPI_ANY_TAG; }

// Errors come back as codes, so that the program can name them in one line.
static inline int graft_mpi_return_errors(void) { return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN); }

#endif
