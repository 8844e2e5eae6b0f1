#pragma once
// The resolved configuration of a command. It is made by load_config.hpp; what it says stands in values.hpp. Commands
// take it apart: what is below them takes the settings that it needs.

#include <vector>

#include "clv/config/execution_settings.hpp"
#include "clv/config/output_settings.hpp"
#include "clv/core/named_file.hpp"
#include "clv/data/histories/observation_settings.hpp"
#include "clv/data/histories/transactions_reader.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/data/tables/customers_settings.hpp"
#include "clv/data/worlds/generate_settings.hpp"
#include "clv/decisions/rules/rules_settings.hpp"
#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/learning/learn_settings.hpp"
#include "clv/learning/segment_settings.hpp"
#include "clv/models/fit_settings.hpp"
#include "clv/models/survival_settings.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

struct RunConfig {
    GenerateSettings generate;
    InputSettings input;
    TransactionSettings transactions;
    CustomersSettings customers;
    ObservationSettings observation;
    FitSettings fit;
    LearnSettings learn;
    SegmentSettings segment;
    RulesSettings rules;
    SurvivalSettings survival;
    SimulationSettings simulation;
    Market market;
    std::vector<Action> actions;      ///< without `none`; names are distinct
    std::vector<Scenario> scenarios;  ///< grids written out; names are distinct
    OptimizerSettings optimizer;
    ExecutionSettings execution;
    OutputSettings output;
    std::vector<NamedFile>
        sources{};  ///< the files that all of this was read from: the configuration's and its actions'
};

}  // namespace clv
