# One static library per layer of docs/architecture.md, and the flags that the number contract needs everywhere.

# -ffp-contract=off: the compiler may not fuse a multiply and an add on its own; every fma is written out.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)
if(CLV_SANITIZE)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${CLV_SANITIZE}> $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>)
  if(CLV_SANITIZE MATCHES undefined)
    # What these see, AddressSanitizer sees as well when it is used; they are a quarter of what compiling costs.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=null,alignment,object-size>)
  endif()
  add_link_options(-fsanitize=${CLV_SANITIZE})
endif()

add_library(clv_warnings INTERFACE)
target_compile_options(clv_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra>
                                              $<$<COMPILE_LANGUAGE:CXX>:-Wconversion>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping copies in std::string's operator+ where there are none (GCC bug 105651).
  target_compile_options(clv_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(CLV_WERROR)
  target_compile_options(clv_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()

# clv_together(TARGET FILES): compiles so many of the target's files at a time as one, since most of a file's cost is the
# headers that it shares with its neighbours. A file with options of its own stays alone, as does one that a property keeps out.
function(clv_together target files)
  if(CLV_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # A class that only its own file knows may hold what only that file knows; from an included file GCC doubts it. And
      # where more is inlined, GCC 12 sees copies to places that nothing copies to. Compiled alone, files keep both warnings.
      target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>
                                               $<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds>
                                               $<$<COMPILE_LANGUAGE:CXX>:-Wno-stringop-overflow>)
    endif()
  endif()
endfunction()

# clv_reads_and_prints(TARGET): what is read, asked and printed once a run, not once a customer, costs more to optimise than
# it gives back. No result depends on it: no level of optimisation may reorder or fuse the operations of a double.
function(clv_reads_and_prints target)
  target_compile_options(${target} PRIVATE $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-O1>)
  if(CLV_SANITIZE)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O0>)
  endif()
endfunction()

# clv_layer(NAME [FOLDER folder] DEPENDS lower layers.. LIBRARIES borrowed libraries.. ALONE files..): the sources of the
# folder NAME (FOLDER) and those below it, as clv_NAME. ALONE lists files, by their place below the folder, that have names
# of their own for what their neighbours have too: each is compiled by itself.
function(clv_layer name)
  cmake_parse_arguments(layer "" "FOLDER" "DEPENDS;LIBRARIES;ALONE" ${ARGN})
  if(NOT layer_FOLDER)
    set(layer_FOLDER ${name})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${layer_FOLDER}/*.cpp)
  if(NOT sources)
    add_library(clv_${name} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(clv_${name} STATIC ${sources})
    set(scope PUBLIC)
    clv_together(clv_${name} 8)
    if(layer_ALONE)
      list(TRANSFORM layer_ALONE PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/${layer_FOLDER}/)
      file(GLOB alone CONFIGURE_DEPENDS ${layer_ALONE})
      set_source_files_properties(${alone} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
    target_link_libraries(clv_${name} PRIVATE ${layer_LIBRARIES} $<BUILD_INTERFACE:clv_warnings>)
    # what a layer keeps to itself is named by its place below src ("data/readers/table_faults.hpp") or in the project
    target_include_directories(clv_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  endif()
  target_include_directories(clv_${name} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(clv_${name} ${scope} cxx_std_20)
  foreach(lower IN LISTS layer_DEPENDS)
    target_link_libraries(clv_${name} ${scope} clv_${lower})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY CLV_LAYERS clv_${name})
endfunction()
